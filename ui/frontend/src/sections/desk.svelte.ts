import type { Bridge, Listener } from "../bridge";
import type {
  Activity,
  Failure,
  Keyring,
  Language,
  Pause,
  Phone,
  Registration,
  Request,
  Section,
  Settings,
  Setup,
  Status,
} from "../types";

/**
 * Desk is what the window knows of the daemon: what it read, kept up to date by what the daemon pushes. The sections show
 * it and ask for changes through the bridge; they never change it themselves, so what they show is what the daemon said.
 */
export class Desk {
  running = $state(true);
  section: Section = $state("phones");
  asked = $state(0); // how often another process asked for a section
  status: Status | undefined = $state.raw();
  answered = $state(false); // everything was asked for once, even if not everything could be read
  keyring: Keyring | undefined = $state.raw();
  phones: Phone[] = $state.raw([]);
  registrations: Registration[] | undefined = $state.raw();
  activity: Activity[] | undefined = $state.raw();
  pauses: Pause[] = $state.raw([]);
  chosen: Settings | undefined = $state.raw();
  pairings: Record<string, Request> = $state({}); // by id, in their newest state
  trouble: Failure | undefined = $state.raw(); // why something could not be read
  now = $state(Date.now());

  readonly bridge: Bridge;
  readonly language: Language;

  constructor(bridge: Bridge, setup: Setup) {
    this.bridge = bridge;
    this.language = setup.language;
    this.section = setup.section ?? "phones";
    this.start(setup);
  }

  private start(setup: Setup): void {
    this.running = setup.running;
    this.phones = setup.snapshot.phones ?? [];
    for (const r of setup.snapshot.requests ?? []) this.request(r);
  }

  /** listener takes what the daemon pushes. */
  listener(): Listener {
    return {
      request: (r) => this.request(r),
      phones: (p) => {
        this.phones = p;
        // Of a keyring that was locked or unlocked elsewhere the daemon tells by the phones alone.
        if (p.length === 0 || this.status?.keyring.state === "problem") void this.read();
      },
      registrations: (r) => {
        this.registrations = r;
      },
      pauses: (p) => {
        this.pauses = p;
      },
      settings: (s) => {
        this.chosen = s;
        void this.readStatus(); // the trial's address and the addresses for phones follow the settings
      },
      show: (s) => {
        this.section = s;
        this.asked++;
      },
      gone: () => {
        this.running = false;
      },
    };
  }

  private request(r: Request): void {
    if (r.action === "pair") this.pairings[r.id] = r;
    if (r.state === "ended") void this.readLists();
  }

  /** reopen tries a daemon that was not running. */
  async reopen(): Promise<void> {
    this.start(await this.bridge.open());
    if (this.running) await this.read();
  }

  /**
   * change has the daemon do something and reads everything anew. It resolves to the reason where the daemon did not do
   * it, and to nothing once it has.
   */
  async change(f: () => Promise<unknown>): Promise<Failure | undefined> {
    try {
      await f();
    } catch (e) {
      return e as Failure;
    } finally {
      await this.read();
    }
    return undefined;
  }

  /** read asks for everything anew; what can't be read keeps its last state and leaves the reason in trouble. */
  async read(): Promise<void> {
    this.trouble = undefined;
    this.now = Date.now();
    await Promise.all([this.readStatus(), this.readLists()]);
    this.answered = true;
  }

  async readStatus(): Promise<void> {
    const [s, keyring] = await Promise.all([
      this.reading(() => this.bridge.status()),
      this.reading(() => this.bridge.keyring()),
    ]);
    this.keyring = keyring ?? this.keyring;
    if (!s) return;
    this.status = s;
    this.phones = s.phones ?? [];
    this.pauses = s.pauses ?? [];
    this.chosen = s.settings;
  }

  private async readLists(): Promise<void> {
    const [registrations, activity] = await Promise.all([
      this.reading(() => this.bridge.registrations()),
      this.reading(() => this.bridge.activity()),
    ]);
    if (registrations !== undefined) this.registrations = registrations ?? [];
    if (activity !== undefined) this.activity = activity ?? [];
  }

  /**
   * shut says that the keyring keeps everything to itself: nothing is known of phones and registrations, which is not the
   * same as having none.
   */
  get shut(): boolean {
    return this.status?.keyring.state === "problem" && !this.status.desktop;
  }

  /** locked says that a passphrase may open what is shut. */
  get locked(): boolean {
    return this.shut && this.keyring?.kind === "file" && this.status?.keyring.code !== "keyring_file_missing";
  }

  private async reading<T>(f: () => Promise<T>): Promise<T | undefined> {
    try {
      return await f();
    } catch (e) {
      this.trouble = e as Failure;
      return undefined;
    }
  }
}
