import { CodedError } from "../errors/mod.ts";

const SCHEMES = ["https:", "ssh:", "git:", "file:"];
/** `git@host:path`, as ssh has it. */
const SCP = /^(?:[A-Za-z0-9_][\w.-]*@)?[A-Za-z0-9_][\w.-]*:(?!\/\/)(?!:)[^\s:][^\s]*$/;

/**
 * Refuses what is no address of a repository, or one that git would run a program for.
 *
 * @throws {CodedError} `GIT_URL_INVALID`
 */
export function checkGitUrl(url: string): void {
  // deno-lint-ignore no-control-regex
  if (url === "" || /[\x00-\x20\x7f]/.test(url)) throw invalid(url, "it is empty or has spaces");
  if (url.startsWith("-")) throw invalid(url, "it begins like a flag");
  if (/^[A-Za-z0-9+.-]*::/.test(url)) throw invalid(url, "git would run a program for it");
  if (url.startsWith("/")) return;
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(url)) return checkParsed(url);
  if (SCP.test(url)) return;
  throw invalid(url, "it is neither a URL nor an absolute path");
}

function checkParsed(url: string): void {
  if (!URL.canParse(url)) throw invalid(url, "it is no URL");
  const { protocol, password, hostname, username } = new URL(url);
  if (!SCHEMES.includes(protocol)) {
    throw invalid(url, `its scheme is ${protocol.slice(0, -1)}, not https, ssh, git or file`);
  }
  // The user of an address is a token more often than not; ssh needs one, which is none.
  if (password !== "" || (username !== "" && protocol !== "ssh:")) {
    throw invalid(withoutUser(url), "it has a user or password, which would be kept");
  }
  if (/^(-|%2d)/i.test(hostname) || /^(-|%2d)/i.test(username)) {
    throw invalid(url, "its host begins like a flag");
  }
  if (protocol === "file:" && hostname !== "") throw invalid(url, "a file has no host");
}

function withoutUser(url: string): string {
  return url.replace(/\/\/[^/]*@/, "//…@");
}

function invalid(url: string, state: string): CodedError {
  return new CodedError(
    "GIT_URL_INVALID",
    `Cannot use "${url}" as the address of a git repository: ${state}`,
    { fix: "--git https://host/team/app.git, git@host:team/app.git, or /srv/git/app.git" },
  );
}
