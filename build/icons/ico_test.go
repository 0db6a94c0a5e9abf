package icons_test

import (
	"bytes"
	"encoding/binary"
	"image/png"
	"testing"

	"tallykey/build/icons"
)

func TestICO(t *testing.T) {
	ico := icons.ICO(icons.Waiting)
	size, begin := binary.LittleEndian.Uint32(ico[14:]), binary.LittleEndian.Uint32(ico[18:])
	if int(begin+size) != len(ico) {
		t.Fatalf("an image of %d bytes at %d in %d", size, begin, len(ico))
	}
	image, err := png.Decode(bytes.NewReader(ico[begin:]))
	if err != nil {
		t.Fatal(err)
	}
	if got := image.Bounds().Dx(); got != int(ico[6]) || got != int(ico[7]) {
		t.Errorf("%d pixels, and %d by %d in the head", got, ico[6], ico[7])
	}
}
