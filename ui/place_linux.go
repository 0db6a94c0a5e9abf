//go:build linux && desktop

package main

/*
#cgo pkg-config: gtk+-3.0
#include <gtk/gtk.h>
#ifdef GDK_WINDOWING_X11
#include <gdk/gdkx.h>
#endif
#ifdef GDK_WINDOWING_WAYLAND
#include <gdk/gdkwayland.h>
#endif

static GtkWindow *window_here(void) {
	GList *all = gtk_window_list_toplevels();
	GtkWindow *found = NULL;
	for (GList *l = all; l != NULL && found == NULL; l = l->next) {
		GtkWindow *w = GTK_WINDOW(l->data);
		if (gtk_window_get_window_type(w) == GTK_WINDOW_TOPLEVEL && gtk_window_get_transient_for(w) == NULL) found = w;
	}
	g_list_free(all);
	return found;
}

static gboolean place_at_pointer(gpointer unused) {
	GtkWindow *w = window_here();
	GdkDisplay *display = gdk_display_get_default();
	GdkDevice *pointer = gdk_seat_get_pointer(gdk_display_get_default_seat(display));
	if (w == NULL || pointer == NULL) return G_SOURCE_REMOVE;
	int x, y, width, height;
	gdk_device_get_position(pointer, NULL, &x, &y);
	GdkMonitor *monitor = gdk_display_get_monitor_at_point(display, x, y);
	if (monitor == NULL) return G_SOURCE_REMOVE;
	GdkRectangle area;
	gdk_monitor_get_workarea(monitor, &area);
	gtk_window_get_size(w, &width, &height);
	gtk_window_move(w, area.x + MAX(0, (area.width - width) / 2), area.y + MAX(0, (area.height - height) / 2));
	return G_SOURCE_REMOVE;
}

// A window manager lets a window take the keyboard that names a time later than the last input elsewhere; what asks for
// this one is input to another process, so the time is now.
static gboolean present(gpointer unused) {
	GtkWindow *w = window_here();
	if (w == NULL) return G_SOURCE_REMOVE;
	guint32 now = GDK_CURRENT_TIME;
#ifdef GDK_WINDOWING_X11
	GdkWindow *gdk = gtk_widget_get_window(GTK_WIDGET(w));
	if (gdk != NULL && GDK_IS_X11_WINDOW(gdk)) now = gdk_x11_get_server_time(gdk);
#endif
	gtk_window_present_with_time(w, now);
	return G_SOURCE_REMOVE;
}

// Wayland lets no window come to the front by itself. One that is taken away and shown again is a new one to the
// compositor, which shows new ones in front and with the keyboard.
static gboolean return_to_front(gpointer unused) {
#ifdef GDK_WINDOWING_WAYLAND
	GtkWindow *w = window_here();
	if (w != NULL && GDK_IS_WAYLAND_DISPLAY(gdk_display_get_default()) && !gtk_window_is_active(w)) {
		GtkWidget *page = gtk_window_get_focus(w);
		gtk_widget_hide(GTK_WIDGET(w));
		gtk_widget_show(GTK_WIDGET(w));
		if (page != NULL) gtk_widget_grab_focus(page);
	}
#endif
	return present(unused);
}

// Wails centres its window by an idle source of its own when it starts, on the screen that it takes for the window's;
// one of lower priority comes after it.
static void place(void) { g_idle_add_full(G_PRIORITY_DEFAULT_IDLE + 10, place_at_pointer, NULL, NULL); }
static void bring(void) { g_idle_add(present, NULL); }
static void bring_back(void) { g_idle_add(return_to_front, NULL); }
*/
import "C"

// placeAtPointer centres the window on the screen where the pointer is: there the person looks. Where the compositor
// places windows (Wayland), it does. It may be called from any goroutine.
func placeAtPointer() { C.place() }

// presentWindow brings the window to the front and gives it the keyboard, as far as the window manager lets it.
func presentWindow() { C.bring() }

// returnWindow does so for a window that has been shown before and may be covered now.
func returnWindow() { C.bring_back() }
