#!/usr/bin/env node
// @ts-check
/** A native messaging host as small as can be: frames of the browser are lines of the daemon's socket, and back. */
import { connect } from "node:net";

const socket = connect(`${process.env.XDG_RUNTIME_DIR}/tallykey/daemon.sock`);
let frames = Buffer.alloc(0);
let lines = Buffer.alloc(0);

socket.on("error", () => process.exit(3));
socket.on("close", () => process.exit(0));
process.stdin.on("end", () => process.exit(0));

process.stdin.on("data", (chunk) => {
  frames = Buffer.concat([frames, chunk]);
  while (frames.length >= 4 && frames.length >= 4 + frames.readUInt32LE()) {
    const end = 4 + frames.readUInt32LE();
    socket.write(`${frames.toString("utf8", 4, end)}\n`);
    frames = frames.subarray(end);
  }
});

socket.on("data", (chunk) => {
  lines = Buffer.concat([lines, chunk]);
  for (let end = lines.indexOf(10); end >= 0; end = lines.indexOf(10)) {
    const frame = Buffer.alloc(4 + end);
    frame.writeUInt32LE(end);
    lines.copy(frame, 4, 0, end);
    process.stdout.write(frame);
    lines = lines.subarray(end + 1);
  }
});
