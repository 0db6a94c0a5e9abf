package icons

import "encoding/binary"

// ICO is the tray icon for a panel of any shade in the form that Windows wants: an icon file with one image, as PNG.
func ICO(b Badge) []byte {
	image := Tray(b, Unknown)
	out := []byte{0, 0, 1, 0, 1, 0, Size, Size, 0, 0, 1, 0, 32, 0} // an icon of one image: width, height, planes, bits per pixel
	out = binary.LittleEndian.AppendUint32(out, uint32(len(image)))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(out)+4)) // where it begins
	return append(out, image...)
}
