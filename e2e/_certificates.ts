import { ensurePackage } from "./packages.ts";

/**
 * Writes `ca.pem`, `server.pem` and `server.key` into `folder`: an authority made for this moment, and a
 * certificate of it for 127.0.0.1 and localhost.
 */
export async function makeCertificates(folder: string): Promise<void> {
  const openssl = await ensurePackage("openssl", "openssl");
  if (openssl.status === "missing") throw new Error(openssl.reason);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await Deno.writeTextFile(
    `${folder}/server.ext`,
    "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n",
  );
  const steps = [
    [
      ...["req", "-x509", ...key, "-days", "2", "-subj", "/CN=Test authority"],
      ...["-addext", "keyUsage=critical,keyCertSign", "-keyout", "ca.key", "-out", "ca.pem"],
    ],
    ["req", ...key, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr"],
    [
      ...["x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key"],
      ...["-CAcreateserial", "-days", "2", "-extfile", "server.ext", "-out", "server.pem"],
    ],
  ];
  for (const args of steps) {
    const { success, stderr } = await new Deno.Command(openssl.path, {
      args,
      cwd: folder,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) throw new Error(`openssl ${args[0]}: ${new TextDecoder().decode(stderr)}`);
  }
  await Deno.chmod(`${folder}/server.key`, 0o600);
}
