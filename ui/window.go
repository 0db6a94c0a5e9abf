package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"tallykey/build/icons"
)

// show opens the window of b's view and returns when it has closed.
func show(b *Bridge, dark bool) error {
	dist, err := fs.Sub(page, "frontend/dist")
	if err != nil {
		return err
	}
	width, height := b.view.size()
	err = wails.Run(&options.App{
		Title:              b.view.title(b.language),
		Width:              width,
		Height:             height,
		MinWidth:           360,
		MinHeight:          400,
		AlwaysOnTop:        b.view == ViewPrompt,
		BackgroundColour:   ground(dark),
		AssetServer:        &assetserver.Options{Assets: dist},
		Bind:               []any{b},
		ErrorFormatter:     newFailure,
		LogLevelProduction: logger.ERROR,
		OnStartup:          func(ctx context.Context) { placeAtPointer(); b.begin(desktop(ctx)) },
		// A window that comes up while the window manager is busy may be left without the keyboard.
		OnDomReady:    func(context.Context) { presentWindow() },
		OnBeforeClose: func(context.Context) bool { b.closing(); return false },
		Linux: &linux.Options{
			Icon:        icons.App(),
			ProgramName: "tallykey",
			// The zero value is Always, which costs 150 ms of every prompt.
			WebviewGpuPolicy: linux.WebviewGpuPolicyNever,
		},
	})
	if err != nil {
		return fmt.Errorf("window: %w", err)
	}
	return nil
}

// desktop is Wails as the bridge uses it; its functions want the context of this very window.
func desktop(ctx context.Context) shell {
	return shell{
		emit:    func(event string, data ...any) { runtime.EventsEmit(ctx, event, data...) },
		quit:    func() { runtime.Quit(ctx) },
		copy:    func(text string) error { return runtime.ClipboardSetText(ctx, text) },
		grow:    func(height int) { grow(ctx, height) },
		present: func() { runtime.WindowUnminimise(ctx); returnWindow() },
		browse:  func(url string) { runtime.BrowserOpenURL(ctx, url) },
		saveAs:  func(title, name string) (string, error) { return saveAs(ctx, title, name) },
	}
}

// saveAs asks the person for a path, with a name to begin with.
func saveAs(ctx context.Context, title, name string) (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		home = "" // the dialog has a folder of its own to begin with
	}
	return runtime.SaveFileDialog(ctx, runtime.SaveDialogOptions{Title: title, DefaultDirectory: home, DefaultFilename: name})
}

// ground is the page's own colour (--bg of the look), so that nothing flashes before the first paint.
func ground(dark bool) *options.RGBA {
	if dark {
		return options.NewRGB(0x0f, 0x13, 0x19)
	}
	return options.NewRGB(0xf3, 0xf5, 0xf8)
}

// margin is what panels and the title bar take of a screen's height, in pixels.
const margin = 96

func grow(ctx context.Context, height int) {
	screens, err := runtime.ScreenGetAll(ctx)
	if err != nil {
		return
	}
	for _, s := range screens {
		if s.IsCurrent {
			height = min(height, s.Size.Height-margin)
		}
	}
	width, now := runtime.WindowGetSize(ctx)
	if height > now {
		runtime.WindowSetSize(ctx, width, height)
		runtime.WindowCenter(ctx)
	}
}
