import { Ends } from "./ends.ts";
import { basics, Program, run } from "./program.ts";

/** A host of the test network: a network namespace that lives as long as the program that holds it. */
export class Host implements AsyncDisposable {
  readonly #holder: Program;
  address: string;

  private constructor(holder: Program, address: string) {
    this.#holder = holder;
    this.address = address;
  }

  /** Makes a namespace with its loopback up. */
  static async start(name: string, logs: string, address = ""): Promise<Host> {
    const holder = new Program({
      name: `host ${name}`,
      command: ["unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec sleep infinity"],
      env: basics(),
      log: `${logs}/host-${name}.log`,
    });
    await holder.line(/^up$/);
    return new Host(holder, address);
  }

  /** The process that a namespace of this host is named by. */
  get pid(): number {
    return this.#holder.pid;
  }

  /** The command that runs a command on this host. */
  command(command: string[]): string[] {
    return ["nsenter", `--net=/proc/${this.pid}/ns/net`, "--", ...command];
  }

  /** Runs a command on this host and returns its output. */
  run(command: string[], env?: Record<string, string>): Promise<string> {
    return run(this.command(command), env);
  }

  /** Gives the host this address instead of the one that it has, as a router does that hands out another lease. */
  async move(address: string): Promise<void> {
    if (this.address) await this.run(["ip", "addr", "del", `${this.address}/24`, "dev", "eth0"]);
    await this.run(["ip", "addr", "add", `${address}/24`, "dev", "eth0"]);
    this.address = address;
  }

  /** Takes the host off the network, or back onto it. */
  async link(state: "up" | "down"): Promise<void> {
    await this.run(["ip", "link", "set", "eth0", state]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#holder.stop();
  }
}

/** Two hosts on one bridge, without a router: what a home network is to the link between phone and desktop. */
export class Network implements AsyncDisposable {
  readonly #ends: Ends;
  readonly #bridge: Host;
  readonly desktop: Host;
  readonly phone: Host;
  #next = 2;

  private constructor(ends: Ends, bridge: Host, desktop: Host, phone: Host) {
    this.#ends = ends;
    this.#bridge = bridge;
    this.desktop = desktop;
    this.phone = phone;
  }

  static async start(logs: string): Promise<Network> {
    if (process.env["TALLYKEY_ENCLOSED"] !== "yes") throw new Error("start this through build/enclose");
    const ends = new Ends();
    try {
      const bridge = ends.use(await Host.start("bridge", logs));
      // No snooping: a bridge without a querier would stop forwarding mDNS after a while.
      await bridge.run(["ip", "link", "add", "br0", "type", "bridge", "mcast_snooping", "0"]);
      await bridge.run(["ip", "link", "set", "br0", "up"]);
      const [desktop, phone] = [ends.use(await Host.start("desktop", logs)), ends.use(await Host.start("phone", logs))];
      await plug(bridge, desktop, "desktop", "10.77.0.2");
      await plug(bridge, phone, "phone", "10.77.0.100");
      return new Network(ends, bridge, desktop, phone);
    } catch (failure) {
      await ends[Symbol.asyncDispose]();
      throw failure;
    }
  }

  /** Puts one more host on the network; its name is that of its port, at most 15 letters. */
  async join(name: string, address: string, logs: string): Promise<Host> {
    const host = this.#ends.use(await Host.start(name, logs));
    await plug(this.#bridge, host, name, address);
    return host;
  }

  /** Keeps desktop and phone apart, as an access point does that isolates its clients, or lets them meet again. */
  async isolate(on: boolean): Promise<void> {
    const state = on ? "on" : "off";
    for (const port of ["desktop", "phone"])
      await this.#bridge.run(["ip", "link", "set", port, "type", "bridge_slave", "isolated", state]);
  }

  /** Gives the desktop an address that it never had, and returns it. */
  async newAddress(): Promise<string> {
    await this.desktop.move(`10.77.0.${++this.#next}`);
    return this.desktop.address;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ends[Symbol.asyncDispose]();
  }
}

async function plug(bridge: Host, host: Host, port: string, address: string): Promise<void> {
  await bridge.run(["ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", String(host.pid)]);
  await bridge.run(["ip", "link", "set", port, "master", "br0", "up"]);
  await host.run(["ip", "link", "set", "eth0", "up"]);
  await host.move(address);
}
