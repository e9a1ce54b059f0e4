// Trying a secret, and waiting when it did not match.
import type { ErrorView, SecretKind } from "../host/bindings";
import { asError } from "../host/error";

export class Unlocking {
  kind = $state<SecretKind>("pin");
  pin = $state("");
  busy = $state(false);
  error = $state.raw<ErrorView | null>(null);
  /** seconds before the next try */
  wait = $state(0);
  /** tries before the device destroys its keys; null until there are only two */
  left = $state<number | null>(null);

  #unlock: (kind: SecretKind, secret: string) => Promise<void>;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(kind: SecretKind, wait: number, left: number | null, unlock: (kind: SecretKind, secret: string) => Promise<void>) {
    this.kind = kind;
    this.#unlock = unlock;
    this.left = left;
    this.#waitFor(wait);
  }

  digit(d: string) {
    if (this.busy || this.wait > 0 || this.pin.length >= 6) return;
    this.error = null;
    this.pin += d;
    if (this.pin.length === 6) void this.attempt(this.pin);
  }

  erase() {
    if (!this.busy) this.pin = this.pin.slice(0, -1);
  }

  switchKind() {
    this.kind = this.kind === "pin" ? "passphrase" : "pin";
    this.pin = "";
    if (this.wait === 0) this.error = null;
  }

  /** a PIN typed on a keyboard */
  keys = (event: KeyboardEvent): void => {
    if (this.kind !== "pin" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9]$/.test(event.key)) this.digit(event.key);
    if (event.key === "Backspace") this.erase();
  };

  /** gives what stands in the field, in which nothing stands from then on */
  async give(event: SubmitEvent, field: HTMLInputElement | undefined): Promise<void> {
    event.preventDefault();
    const secret = field?.value ?? "";
    if (field) field.value = "";
    await this.attempt(secret);
    field?.focus();
  }

  async attempt(secret: string): Promise<void> {
    if (this.busy || this.wait > 0 || secret === "") return;
    this.busy = true;
    try {
      await this.#unlock(this.kind, secret);
      this.error = null;
    } catch (thrown) {
      this.error = asError(thrown);
      if (this.error.code === "vault.wrong_secret" || this.error.code === "vault.wait") this.left = this.error.left ?? null;
      this.#waitFor(this.error.wait_s ?? 0);
    }
    this.pin = "";
    this.busy = false;
  }

  stop() {
    clearInterval(this.#timer);
  }

  #waitFor(seconds: number) {
    clearInterval(this.#timer);
    this.wait = Math.ceil(seconds);
    if (this.wait === 0) return;
    const until = Date.now() + seconds * 1000;
    this.#timer = setInterval(() => {
      this.wait = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      if (this.wait > 0) return;
      clearInterval(this.#timer);
      this.error = null;
    }, 250);
  }
}
