//go:build linux

package desktoptest

import (
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
)

// xfcePanel is a panel along the top that has nothing but a place for tray icons at its right end.
const xfcePanel = `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="true"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="40"/>
      <property name="icon-size" type="uint" value="24"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/><value type="int" value="2"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-2" type="string" value="systray"/>
  </property>
</channel>
`

// StartXfcePanel starts xfce4-panel (package xfce4-panel) at the top of the screen. Kill its process for a panel that
// crashes.
func (s *Screen) StartXfcePanel() *exec.Cmd {
	s.t.Helper()
	dir := filepath.Join(s.Home, ".config/xfce4/xfconf/xfce-perchannel-xml")
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "xfce4-panel.xml"), []byte(xfcePanel), 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	panel := exec.Command("xfce4-panel")
	s.Start(panel)
	return panel
}

// Look is what a part of the screen shows now.
func (s *Screen) Look(at image.Rectangle) image.Image {
	s.t.Helper()
	path := filepath.Join(s.Home, "look.png")
	s.Run("import", "-window", "root", "-crop", geometry(at), "+repage", path)
	f, err := os.Open(path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		s.t.Fatal(err)
	}
	return img
}
