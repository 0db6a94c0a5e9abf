package console

import "tallykey/tenant/admin"

// routes are all pages and changes. What gives access, or changes who gets it, is fresh.
var routes = []route{
	{"GET /admin/{$}", admin.Reader, false, (*Console).begin},

	{"GET /admin/users", admin.Reader, false, (*Console).users},
	{"GET /admin/users/new", admin.Administrator, true, (*Console).newUser},
	{"POST /admin/users/new", admin.Administrator, true, (*Console).newUser},
	{"GET /admin/users/import", admin.Administrator, true, (*Console).importUsers},
	{"POST /admin/users/import", admin.Administrator, true, (*Console).importUsers},
	{"GET /admin/users/{id}", admin.Reader, false, (*Console).user},
	{"GET /admin/users/{id}/edit", admin.Administrator, true, (*Console).editUser},
	{"POST /admin/users/{id}/edit", admin.Administrator, true, (*Console).editUser},
	{"GET /admin/users/{id}/block", admin.Helpdesk, false, ask("block")},
	{"POST /admin/users/{id}/block", admin.Helpdesk, false, do((*admin.Office).Disable)},
	{"GET /admin/users/{id}/unblock", admin.Helpdesk, true, ask("unblock")},
	{"POST /admin/users/{id}/unblock", admin.Helpdesk, true, do((*admin.Office).Enable)},
	{"GET /admin/users/{id}/dismiss", admin.Helpdesk, true, ask("dismiss")},
	{"POST /admin/users/{id}/dismiss", admin.Helpdesk, true, do((*admin.Office).Dismiss)},
	{"GET /admin/users/{id}/signout", admin.Helpdesk, false, ask("signout")},
	{"POST /admin/users/{id}/signout", admin.Helpdesk, false, (*Console).signOut},
	{"GET /admin/users/{id}/unregister", admin.Helpdesk, false, (*Console).unregister},
	{"POST /admin/users/{id}/unregister", admin.Helpdesk, false, (*Console).unregister},
	{"GET /admin/users/{id}/invite", admin.Helpdesk, true, (*Console).invite},
	{"POST /admin/users/{id}/invite", admin.Helpdesk, true, (*Console).invite},
	{"GET /admin/users/{id}/role", admin.Administrator, true, (*Console).setRole},
	{"POST /admin/users/{id}/role", admin.Administrator, true, (*Console).setRole},

	{"GET /admin/groups", admin.Reader, false, (*Console).groups},
	{"GET /admin/groups/new", admin.Administrator, true, (*Console).newGroup},
	{"POST /admin/groups/new", admin.Administrator, true, (*Console).newGroup},
	{"GET /admin/groups/{id}", admin.Reader, false, (*Console).group},
	{"GET /admin/groups/{id}/members", admin.Administrator, true, (*Console).members},
	{"POST /admin/groups/{id}/members", admin.Administrator, true, (*Console).members},
	{"GET /admin/groups/{id}/remove", admin.Administrator, true, (*Console).removeGroup},
	{"POST /admin/groups/{id}/remove", admin.Administrator, true, (*Console).removeGroup},

	{"GET /admin/policy", admin.Reader, false, (*Console).policy},
	{"GET /admin/policy/{group}", admin.Reader, false, (*Console).rule},
	{"GET /admin/policy/{group}/preview", admin.Reader, false, (*Console).preview},
	{"POST /admin/policy/{group}", admin.Administrator, true, (*Console).setRule},

	{"GET /admin/devices", admin.Reader, false, (*Console).devices},

	{"GET /admin/apps", admin.Reader, false, (*Console).apps},
	{"GET /admin/apps/new", admin.Administrator, true, (*Console).newApp},
	{"POST /admin/apps/new", admin.Administrator, true, (*Console).newApp},
	{"GET /admin/apps/{id}", admin.Reader, false, (*Console).app},
	{"GET /admin/apps/{id}/remove", admin.Administrator, true, (*Console).removeApp},
	{"POST /admin/apps/{id}/remove", admin.Administrator, true, (*Console).removeApp},

	{"GET /admin/invitations", admin.Reader, false, (*Console).invitations},
	{"GET /admin/invitations/{id}/revoke", admin.Helpdesk, false, (*Console).revoke},
	{"POST /admin/invitations/{id}/revoke", admin.Helpdesk, false, (*Console).revoke},

	{"GET /admin/log", admin.Reader, false, (*Console).log},
	{"GET /admin/log.csv", admin.Reader, false, (*Console).exportCSV},
	{"GET /admin/log.json", admin.Reader, false, (*Console).exportJSON},
	{"GET /admin/log/live", admin.Reader, false, (*Console).live},
	{"GET /admin/audit", admin.Reader, false, (*Console).audit},
	{"GET /admin/admins", admin.Reader, false, (*Console).admins},
}
