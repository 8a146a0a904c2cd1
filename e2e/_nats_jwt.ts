import { createAccount, createOperator, createUser, type KeyPair } from "@nats-io/nkeys";

/** Lines for a server whose users prove themselves by JWT, and the `.creds` file of one of them. */
export interface JwtSetup {
  readonly config: string;
  readonly creds: string;
}

/** Makes an operator, a system account, an account with JetStream and a user of it. */
export function makeJwtSetup(): JwtSetup {
  const operator = createOperator();
  const system = createAccount();
  const account = createAccount();
  const user = createUser();
  const unlimited = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true };
  const limits = { ...unlimited, conn: -1, leaf: -1, mem_storage: -1, disk_storage: -1 };
  const systemId = system.getPublicKey();
  const accountId = account.getPublicKey();
  const operatorJwt = sign(operator, operator.getPublicKey(), "operator", {
    system_account: systemId,
  });
  const systemJwt = sign(operator, systemId, "account", { limits: unlimited });
  const accountJwt = sign(operator, accountId, "account", { limits });
  const userJwt = sign(account, user.getPublicKey(), "user", { subs: -1, data: -1, payload: -1 });
  const seed = new TextDecoder().decode(user.getSeed());
  return {
    config: `operator: ${operatorJwt}
system_account: ${systemId}
resolver: MEMORY
resolver_preload: { ${systemId}: ${systemJwt}, ${accountId}: ${accountJwt} }`,
    creds: `-----BEGIN NATS USER JWT-----
${userJwt}
------END NATS USER JWT------

-----BEGIN USER NKEY SEED-----
${seed}
------END USER NKEY SEED------
`,
  };
}

/** A JWT as NATS has it: signed with an nkey, its claims under `nats`. */
function sign(issuer: KeyPair, subject: string, type: string, claims: object): string {
  const header = encode({ typ: "JWT", alg: "ed25519-nkey" });
  const body = encode({
    jti: crypto.randomUUID(),
    iat: Math.floor(Date.now() / 1_000),
    iss: issuer.getPublicKey(),
    name: type,
    sub: subject,
    nats: { ...claims, type, version: 2 },
  });
  const signature = issuer.sign(new TextEncoder().encode(`${header}.${body}`));
  return `${header}.${body}.${base64Url(signature)}`;
}

function encode(value: object): string {
  return base64Url(new TextEncoder().encode(JSON.stringify(value)));
}

function base64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
