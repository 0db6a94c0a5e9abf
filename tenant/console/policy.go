package console

import (
	"net/http"
	"slices"

	"tallykey/tenant/outcome"
	"tallykey/tenant/policy"
	"tallykey/tenant/store"
)

// wholeTenant is what stands in an address for the tenant's own rule.
const wholeTenant = "tenant"

// ruleView is a rule as the pages show it: every setting with its word, "" where it says nothing.
type ruleView struct {
	Group    store.Group // its id is empty for the tenant
	Settings []settingView
	Says     int // how many settings it says something about
}

type settingView struct {
	Setting policy.Setting
	Word    policy.Word
	Words   []policy.Word
	Default policy.Word
}

// At is where the rule is edited.
func (r ruleView) At() string {
	if r.Group.ID == "" {
		return "/admin/policy/" + wholeTenant
	}
	return "/admin/policy/" + r.Group.ID
}

func viewOf(g store.Group, words map[string]string) ruleView {
	v := ruleView{Group: g}
	for _, s := range policy.Settings {
		w := policy.Word(words[string(s.Setting)])
		if w != "" {
			v.Says++
		}
		v.Settings = append(v.Settings, settingView{s.Setting, w, s.Words, s.Default})
	}
	return v
}

// policyView is the body of the page with all rules.
type policyView struct {
	Tenant ruleView
	Groups []ruleView
	Silent []store.Group // that have no rule
}

func (k *Console) policy(w http.ResponseWriter, c *call) error {
	rules, err := k.Office.Store.Rules(c.Context())
	if err != nil {
		return err
	}
	groups, err := k.Office.Store.Groups(c.Context())
	if err != nil {
		return err
	}
	b := policyView{Tenant: viewOf(store.Group{}, wordsOf(rules, ""))}
	for _, g := range groups {
		if said := wordsOf(rules, g.ID); said != nil {
			b.Groups = append(b.Groups, viewOf(g, said))
		} else {
			b.Silent = append(b.Silent, g)
		}
	}
	k.show(w, http.StatusOK, "policy", k.page(c, "policy").with(b))
	return nil
}

func wordsOf(rules []store.Rule, group string) map[string]string {
	i := slices.IndexFunc(rules, func(r store.Rule) bool { return r.Group == group })
	if i < 0 {
		return nil
	}
	return rules[i].Words
}

// owner is the group whose rule the address names; the zero one for the tenant.
func (k *Console) owner(c *call) (store.Group, error) {
	id := c.PathValue("group")
	if id == wholeTenant {
		return store.Group{}, nil
	}
	g, err := k.Office.Group(c.Context(), id)
	if err == nil && g.ID != id {
		err = outcome.Errorf(outcome.GroupUnknown, "a name where an id belongs")
	}
	return g, err
}

func (k *Console) rule(w http.ResponseWriter, c *call) error {
	g, err := k.owner(c)
	if err != nil {
		return err
	}
	rules, err := k.Office.Store.Rules(c.Context())
	if err != nil {
		return err
	}
	k.show(w, http.StatusOK, "rule", k.page(c, "policy").with(viewOf(g, wordsOf(rules, g.ID))))
	return nil
}

// edit reads the words of the form: every setting is there, "" for one that inherits.
func edit(c *call, g store.Group) (policy.Edit, error) {
	e := policy.Edit{Group: g.ID, Name: g.Name, Words: map[policy.Setting]policy.Word{}}
	for _, s := range policy.Settings {
		typed, ok := c.Form[string(s.Setting)]
		if !ok {
			continue
		}
		if typed[0] == "" {
			e.Words[s.Setting] = ""
			continue
		}
		_, word, err := policy.Parse(string(s.Setting), typed[0])
		if err != nil {
			return e, outcome.Errorf(outcome.PolicyInvalid, "%s", err)
		}
		e.Words[s.Setting] = word
	}
	if len(e.Words) == 0 {
		return e, outcome.Errorf(outcome.PolicyInvalid, "no setting")
	}
	return e, nil
}

// asked is whose rule a call is about, and what it says.
func (k *Console) asked(c *call) (g store.Group, e policy.Edit, err error) {
	if g, err = k.owner(c); err == nil {
		e, err = edit(c, g)
	}
	return g, e, err
}

// shown is how many affected users a dry run lists by name; it counts all.
const shown = 100

// previewView is the body of a dry run.
type previewView struct {
	Rule     ruleView
	Changes  []change
	Affected int
	Ends     int // open sessions that would end
	Effects  []policy.Effect
}

// change is one setting of a rule before and after.
type change struct {
	Setting       policy.Setting
	Before, After policy.Word
}

// preview says who would be affected, and changes nothing.
func (k *Console) preview(w http.ResponseWriter, c *call) error {
	g, e, err := k.asked(c)
	if err != nil {
		return err
	}
	rules, err := k.Office.Store.Rules(c.Context())
	if err != nil {
		return err
	}
	effects, err := k.Office.Policy.Affected(c.Context(), e, k.Office.Now())
	if err != nil {
		return err
	}
	was := wordsOf(rules, g.ID)
	b := previewView{Rule: viewOf(g, was), Affected: len(effects), Ends: policy.Sessions(effects), Effects: effects[:min(len(effects), shown)]}
	for _, s := range policy.Settings {
		after, ok := e.Words[s.Setting]
		if before := policy.Word(was[string(s.Setting)]); ok && before != after {
			b.Changes = append(b.Changes, change{s.Setting, before, after})
		}
	}
	k.show(w, http.StatusOK, "preview", k.page(c, "policy").with(b))
	return nil
}

func (k *Console) setRule(w http.ResponseWriter, c *call) error {
	_, e, err := k.asked(c)
	if err != nil {
		return err
	}
	if _, _, _, err := k.Office.SetPolicy(c.Context(), e, c.by()); err != nil {
		return err
	}
	return to(w, c, "/admin/policy")
}
