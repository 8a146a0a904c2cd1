/// <reference lib="dom" />
import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import { html } from "../core/html.ts";
import { type ApiError, type Session, signIn } from "../data/api.ts";

const WORDS: {
  readonly [state in Exclude<Session, "fine">]: readonly [title: string, text: string];
} = {
  missing: ["Sign in", "This server takes a token."],
  expired: [
    "Your token has expired",
    "Sign in with a new one to go on; nothing that runs has stopped.",
  ],
  invalid: ["This token does not count", "It was signed with another secret, or is not valid yet."],
};

/** Signs in by the `#token=` of the address, if there is one, and removes it from there. */
export async function takeFragmentToken(): Promise<void> {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return;
  // First of all: neither the history nor whoever looks on keeps it.
  history.replaceState(null, "", location.pathname + location.search);
  if (document.documentElement.dataset["session"] === "open") return;
  await signIn(token).catch(() => {
    // What is wrong with it is known by now, or the first question will tell.
  });
}

/** Says why a token is needed, takes one, and tells where to get it. */
export function SignIn({ session: state }: { readonly session: Exclude<Session, "fine"> }): VNode {
  const input = useRef<HTMLInputElement>(null);
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [title, text] = WORDS[state];
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    const token = input.current?.value.trim() ?? "";
    if (token === "") return setError("Paste a token first");
    setBusy(true);
    setError(undefined);
    try {
      await signIn(token);
    } catch (error) {
      setBusy(false);
      setError(describe(error as ApiError));
      input.current?.focus();
    }
  };
  return html`
    <section class="sign-in card">
      <h1>${title}</h1>
      <p class="dim">${text}</p>
      <form onSubmit=${onSubmit}>
        <input type="text" name="username" autocomplete="username" value="token" hidden readonly />
        <label for="token">Token</label>
        <input id="token" ref=${input} type="password" autocomplete="current-password"
          spellcheck=${false}
          placeholder="eyJhbGciOi…" autofocus aria-invalid=${error !==
            undefined} aria-describedby="token-error" />
        <p id="token-error" class="field-error" role="alert">${error}</p>
        <button class="primary" disabled=${isBusy}>${isBusy ? "Signing in…" : "Sign in"}</button>
      </form>
      <h2>Where to get one</h2>
      <p class="dim">On the machine of the server, in its folder:</p>
      <pre class="command" tabindex="0"><code>pd token create --sub "$USER" --ttl 12h</code></pre>
      <p
        class="dim">Or ask whoever runs it for one. It is kept in a cookie that scripts cannot read.</p>
    </section>
  `;
}

function describe({ code, message }: ApiError): string {
  if (code === "UNREACHABLE") return message;
  if (code === "RATE_LIMITED") return "Too many tries: wait a moment";
  return /expired/.test(message) ? "This token has expired" : "This token does not count here";
}
