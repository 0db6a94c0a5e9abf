package cli

import (
	"context"

	"tallykey/native-messaging/browsers"
)

func runBrowsers(_ context.Context, e env, args []string) error {
	user, err := browsers.UserEnv()
	if err != nil {
		return err
	}
	if code := browsers.Run(args, e.out, e.err, user); code != exitOK {
		return exitCode(code)
	}
	return nil
}
