/// <reference lib="dom" />
import { render } from "preact";
import { html } from "./core/html.ts";
import { watchExpiry } from "./data/api.ts";
import { App } from "./views/app.ts";
import { takeFragmentToken } from "./views/sign_in.ts";

// Before anything asks: a link with a token signs in at once.
await takeFragmentToken();
watchExpiry();
const root = document.querySelector("#app");
if (root !== null) render(html`<${App} />`, root);
