package cli

import "fmt"

// table prints a heading and a line for each row, in columns.
func table[T any](e env, heading string, rows []T, line func(T) string) error {
	w := e.tabs()
	fmt.Fprintln(w, heading)
	for _, r := range rows {
		fmt.Fprintln(w, line(r))
	}
	return w.Flush()
}
