import { mkdirSync } from "node:fs";
import { Ends } from "./ends.ts";
import type { Host } from "./network.ts";
import { basics, Program } from "./program.ts";
import { until } from "./wait.ts";

/** A person's desktop session of its own: home, runtime folder, session bus, unlocked keyring, and a display if wanted. */
export class Session implements AsyncDisposable {
  readonly host: Host;
  readonly env: Record<string, string>;
  /** The program that keeps the secrets, so that a test can lock or kill it. */
  keyring!: Program;
  readonly #ends = new Ends();
  readonly #logs: string;

  private constructor(host: Host, folder: string, logs: string) {
    this.host = host;
    this.#logs = logs;
    this.env = {
      ...basics(),
      HOME: `${folder}/home`,
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${folder}/bus`,
      DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${folder}/no-bus`, // the screen lock of who runs the tests is not this person's
    };
    for (const [name, path] of Object.entries(FOLDERS)) {
      this.env[name] = `${folder}/${path}`;
      mkdirSync(`${folder}/${path}`, { recursive: true, mode: 0o700 });
    }
  }

  /** Starts a session whose files are all below folder, which must have a short path: a socket's has 107 bytes. */
  static async start(host: Host, folder: string, logs: string, display?: Display): Promise<Session> {
    const session = new Session(host, folder, logs);
    try {
      await session.#start(display);
      return session;
    } catch (failure) {
      await session[Symbol.asyncDispose]();
      throw failure;
    }
  }

  /** Starts a program in this session. It ends with the session. */
  program(name: string, command: string[], more: ProgramOptions = {}): Program {
    const { input, env, secret } = more;
    return this.#ends.use(
      new Program({
        name,
        command: this.host.command(command),
        env: { ...this.env, ...env },
        ...(!secret && { log: `${this.#logs}/${name}.log` }),
        ...(input !== undefined && { input }),
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ends[Symbol.asyncDispose]();
  }

  async #start(display?: Display): Promise<void> {
    const address = this.env["DBUS_SESSION_BUS_ADDRESS"] ?? "";
    await this.program("dbus", [
      "dbus-daemon",
      "--session",
      "--nofork",
      "--print-address",
      `--address=${address}`,
    ]).line(/^unix:/);
    const unlock = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"];
    this.keyring = this.program("keyring", unlock, { input: "a password nobody types" });
    await until(10_000, "the keyring on the bus", () => this.#onBus("org.freedesktop.secrets"));
    if (display) await this.#show(display);
  }

  async #show(display: Display): Promise<void> {
    if (display === "private") await this.#privateDisplay();
    else Object.assign(this.env, display);
    this.program("dunst", ["dunst"]);
    await until(10_000, "the notification service on the bus", () => this.#onBus("org.freedesktop.Notifications"));
  }

  async #privateDisplay(): Promise<void> {
    const server = ["Xvfb", "-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp", "-noreset"];
    const [number] = await this.program("display", server).line(/^\d+$/);
    this.env["DISPLAY"] = `:${number}`;
    // The window takes the focus only where a window manager gives it.
    this.program("window-manager", ["xfwm4", "--compositor=off"]);
    await until(10_000, "the window manager", async () => {
      const root = await this.host.run(["xprop", "-root", "_NET_SUPPORTING_WM_CHECK"], this.env).catch(() => "");
      return root.includes("window id");
    });
  }

  async #onBus(name: string): Promise<boolean> {
    const ask = [
      "dbus-send",
      "--session",
      "--print-reply=literal",
      "--dest=org.freedesktop.DBus",
      "/org/freedesktop/DBus",
    ];
    const reply = await this.host.run([...ask, "org.freedesktop.DBus.NameHasOwner", `string:${name}`], this.env);
    return reply.includes("true");
  }
}

/** What a program gets beyond its command. */
export interface ProgramOptions {
  /** Text for its standard input. */
  input?: string;
  /** More variables. */
  env?: Record<string, string>;
  /** Keeps its output out of the logs. */
  secret?: boolean;
}

/** An X server of the session's own, or the variables that name the caller's. */
export type Display = "private" | Record<string, string>;

const FOLDERS = {
  HOME: "home",
  XDG_RUNTIME_DIR: "run",
  XDG_CONFIG_HOME: "home/.config",
  XDG_DATA_HOME: "home/.local/share",
  XDG_STATE_HOME: "home/.local/state",
  XDG_CACHE_HOME: "home/.cache",
};
