/**
 * One half of a bad way between two hosts. What the near half gets on its UDP port goes through a socket file to the
 * far half, which sends it to the same address and port over there, and back; each way takes so many milliseconds and
 * loses so many packets in a hundred.
 *
 *   node relay.mjs near|far SOCKET ADDRESS PORT MILLISECONDS LOSS
 */
import { createSocket } from "node:dgram";
import { createConnection, createServer } from "node:net";

const [role, file, address, port, delay, loss] = process.argv.slice(2);
const head = 4; // bytes: length, and which of the near half's partners

/** Reads frames from a stream. */
function read(stream, frame) {
  let got = Buffer.alloc(0);
  stream.on("data", (chunk) => {
    got = Buffer.concat([got, chunk]);
    while (got.length >= head && got.length >= head + got.readUInt16BE(0)) {
      const end = head + got.readUInt16BE(0);
      frame(got.readUInt16BE(2), got.subarray(head, end));
      got = got.subarray(end);
    }
  });
}

let seed = 7;

/** Whether the next packet is lost: by numbers that look random (Park and Miller's) and are the same in each run. */
function lost() {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed % 100 < Number(loss);
}

/** Writes one, when its time has come, if it is not lost. */
function write(stream, partner, data) {
  if (lost()) return;
  const frame = Buffer.alloc(head + data.length);
  frame.writeUInt16BE(data.length, 0);
  frame.writeUInt16BE(partner, 2);
  data.copy(frame, head);
  setTimeout(() => stream.write(frame), Number(delay));
}

function near() {
  const partners = [];
  const socket = createSocket("udp4").bind(Number(port), address, () => console.log("ready"));
  const stream = createConnection(file);
  socket.on("message", (data, from) => {
    let partner = partners.findIndex((one) => one.port === from.port && one.address === from.address);
    if (partner < 0) partner = partners.push(from) - 1;
    write(stream, partner, data);
  });
  read(stream, (partner, data) => socket.send(data, partners[partner].port, partners[partner].address));
}

function far() {
  const server = createServer((stream) => {
    const sockets = [];
    const open = (partner) => createSocket("udp4").on("message", (data) => write(stream, partner, data));
    read(stream, (partner, data) => {
      sockets[partner] ??= open(partner);
      sockets[partner].send(data, Number(port), address);
    });
  });
  server.listen(file, () => console.log("ready"));
}

({ near, far })[role]();
