/** What the page gets for what the daemon said. */
import codes from "../../../daemon/api/codes.json" with { type: "json" };
import type { CredentialJSON, Verdict } from "../messages.ts";
import { ERROR_CODE, type ErrorData } from "../protocol.ts";
import type { Answer } from "./host.ts";

const TITLES = new Map(codes.map((row) => [row.code, row.en.title]));

export const NATIVE: Verdict = { kind: "native" };

/**
 * The verdict on an answer. Until the daemon takes a request (taken), the browser's own WebAuthn can still answer it,
 * and does so for everything but a clear word. After that a person was asked, so the page learns how it ended.
 */
export function verdictOf(answer: Answer, taken: boolean): Verdict {
  switch (answer.kind) {
    case "result":
      return isCredential(answer.result) ? { kind: "credential", credential: answer.result } : NATIVE;
    case "error":
      if (answer.error.code === ERROR_CODE && answer.error.data) return failure(answer.error.data, taken);
      return taken ? refusal("daemon_stopped") : NATIVE;
    case "gone":
      return taken ? refusal("daemon_stopped") : NATIVE;
    default:
      return NATIVE;
  }
}

/** The error of an outcome code that tallykey itself noticed. */
export function refusal(code: string): Verdict {
  return { kind: "error", name: "NotAllowedError", message: titleOf(code) };
}

function failure(data: ErrorData, taken: boolean): Verdict {
  if (data.fallThrough) return taken ? { kind: "native", asked: true } : NATIVE;
  return { kind: "error", name: data.error || "NotAllowedError", message: titleOf(data.code) };
}

/** The title in English, as the messages of the browser's own exceptions are. A code from a newer daemon is its own. */
function titleOf(code: string): string {
  return TITLES.get(code) ?? code;
}

function isCredential(result: unknown): result is CredentialJSON {
  const { id, response } = (result ?? {}) as Partial<CredentialJSON>;
  return typeof id === "string" && typeof response === "object" && response !== null;
}
