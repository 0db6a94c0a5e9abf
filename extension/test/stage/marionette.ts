/**
 * Firefox's own remote protocol, for what WebDriver BiDi does not have: a virtual authenticator. It joins the session
 * that BiDi has begun. Messages are JSON with their length before them: "12:[0,1,…]".
 */
import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

type Reply = [type: number, id: number, error: { message: string } | null, result: { value?: unknown } | null];

export class Marionette {
  readonly #socket: Socket;
  readonly #calls = new Map<number, (reply: Reply) => void>();
  #got = Buffer.alloc(0);
  #last = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (data) => this.#read(data));
    socket.on("error", () => {}); // the browser ended
  }

  static async connect(port: number): Promise<Marionette> {
    const socket = connect(port, "127.0.0.1");
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new Marionette(socket);
  }

  /** Runs a command and gives what it returns. */
  async call(name: string, params: object): Promise<unknown> {
    const id = ++this.#last;
    const text = JSON.stringify([0, id, name, params]);
    const replied = new Promise<Reply>((resolve) => this.#calls.set(id, resolve));
    this.#socket.write(`${Buffer.byteLength(text)}:${text}`);
    const [, , error, result] = await replied;
    if (error) throw new Error(`${name}: ${error.message}`);
    return result && "value" in result ? result.value : result;
  }

  #read(data: Buffer): void {
    this.#got = Buffer.concat([this.#got, data]);
    for (;;) {
      const colon = this.#got.indexOf(":");
      const end = colon + 1 + Number(this.#got.subarray(0, Math.max(colon, 0)).toString());
      if (colon < 0 || this.#got.length < end) return;
      const message: unknown = JSON.parse(this.#got.subarray(colon + 1, end).toString());
      this.#got = this.#got.subarray(end);
      if (Array.isArray(message)) this.#calls.get(message[1])?.(message as Reply); // the first is a greeting
    }
  }
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
