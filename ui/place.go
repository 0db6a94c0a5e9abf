//go:build !(linux && desktop)

package main

// placeAtPointer leaves the window where the system puts a new one.
func placeAtPointer() {}

// presentWindow leaves it to the system what comes to the front.
func presentWindow() {}

// returnWindow likewise.
func returnWindow() {}
