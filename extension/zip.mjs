// @ts-check
/**
 * ZIP archives that are the same byte for byte whoever makes them (APPNOTE.TXT 6.3, sections 4.3 and 4.4): entries by
 * name, no times, no rights, and stored, because what a compressor makes differs from one version of it to the next.
 */
import { crc32 } from "node:zlib";

/** 1 January 1980, the first day that the format knows. */
const DAY = 0x0021;
const UTF8 = 0x0800;

/**
 * An archive of files.
 * @param {{ name: string, bytes: Uint8Array }[]} files
 */
export function zip(files) {
  const sorted = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  let offset = 0;
  /** @type {Buffer[]} */
  const local = [];
  /** @type {Buffer[]} */
  const central = [];
  for (const { name, bytes } of sorted) {
    const entry = Buffer.concat([header(0x04034b50, name, bytes), Buffer.from(name), bytes]);
    local.push(entry);
    central.push(Buffer.concat([directory(name, bytes, offset), Buffer.from(name)]));
    offset += entry.length;
  }
  const list = Buffer.concat(central);
  return Buffer.concat([...local, list, end(sorted.length, list.length, offset)]);
}

/**
 * What both headers have: version 2.0, flags, stored, date, checksum, sizes, no extra field.
 * @param {string} name
 * @param {Uint8Array} bytes
 */
function common(name, bytes) {
  const made = Buffer.alloc(26);
  made.writeUInt16LE(20, 0);
  made.writeUInt16LE(UTF8, 2);
  made.writeUInt16LE(DAY, 8);
  made.writeUInt32LE(crc32(bytes), 10);
  made.writeUInt32LE(bytes.length, 14);
  made.writeUInt32LE(bytes.length, 18);
  made.writeUInt16LE(Buffer.byteLength(name), 22);
  return made;
}

/**
 * @param {number} signature
 * @param {string} name
 * @param {Uint8Array} bytes
 */
function header(signature, name, bytes) {
  const made = Buffer.alloc(4);
  made.writeUInt32LE(signature);
  return Buffer.concat([made, common(name, bytes)]);
}

/**
 * @param {string} name
 * @param {Uint8Array} bytes
 * @param {number} offset
 */
function directory(name, bytes, offset) {
  const rest = Buffer.alloc(14); // no comment, first disk, no attributes
  rest.writeUInt32LE(offset, 10);
  const madeBy = Buffer.from([0x50, 0x4b, 0x01, 0x02, 20, 0]);
  return Buffer.concat([madeBy, common(name, bytes), rest]);
}

/**
 * @param {number} count
 * @param {number} size
 * @param {number} offset
 */
function end(count, size, offset) {
  const made = Buffer.alloc(22);
  made.writeUInt32LE(0x06054b50, 0);
  made.writeUInt16LE(count, 8);
  made.writeUInt16LE(count, 10);
  made.writeUInt32LE(size, 12);
  made.writeUInt32LE(offset, 16);
  return made;
}
