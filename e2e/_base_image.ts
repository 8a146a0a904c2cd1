import { DEFAULT_BASE_IMAGE } from "../builder/mod.ts";
import type { DockerServer } from "./_docker_server.ts";

/** Certificates of public authorities, where Debian has them. */
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/**
 * Gives the daemon a stand-in for the pinned base image under its real name, without a registry: the deno that runs
 * this, the libraries that it is linked with, certificates, an empty /tmp, and no shell.
 */
export async function importBaseImage(server: DockerServer): Promise<void> {
  const root = await Deno.makeTempDir({ dir: server.folder, prefix: "base_" });
  try {
    await layOutBase(root);
    const { success, stderr } = await new Deno.Command("sh", {
      args: [
        "-c",
        'tar -C "$1" -cf - . | docker -H "$2" import --change \'ENV DENO_DIR=/deno-dir/\' --change \'ENTRYPOINT ["/tini","--","/bin/deno"]\' --change \'CMD ["eval","0"]\' - "$3"',
        ...["sh", root, `unix://${server.socket}`, DEFAULT_BASE_IMAGE],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) throw new Error(`docker import: ${new TextDecoder().decode(stderr)}`);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Fills a folder with what the base image holds. */
export async function layOutBase(root: string): Promise<void> {
  for (const dir of ["bin", "etc/ssl/certs", "tmp"]) {
    await Deno.mkdir(`${root}/${dir}`, { recursive: true });
  }
  await Deno.chmod(`${root}/tmp`, 0o1777);
  const deno = Deno.execPath();
  await Deno.copyFile(deno, `${root}/bin/deno`);
  await Deno.chmod(`${root}/bin/deno`, 0o755);
  for (const library of await librariesOf(deno)) {
    await Deno.mkdir(`${root}${library.slice(0, library.lastIndexOf("/"))}`, { recursive: true });
    await Deno.copyFile(library, `${root}${library}`);
  }
  await Deno.copyFile(CERTIFICATES, `${root}${CERTIFICATES}`).catch(() => {});
  await Deno.writeTextFile(
    `${root}/etc/passwd`,
    "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n",
  );
  await Deno.writeTextFile(`${root}/etc/group`, "root:x:0:\nnogroup:x:65534:\n");
}

/** Paths of the shared objects that a program is linked with, its loader among them. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("ldd", { args: [program], stderr: "null" }).output();
  return [...new TextDecoder().decode(stdout).matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) =>
    path
  );
}
