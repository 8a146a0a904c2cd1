import assert from "node:assert/strict";
import { fakeIo } from "./fake_io.ts";
import { runCli } from "./run_cli.ts";

const EXAMPLE = decodeURIComponent(new URL("../examples/hn-digest", import.meta.url).pathname);

/** Stands in for Docker: notes how it is called and what lies in the context, and answers as an image would. */
const FAKE_DOCKER = `#!/bin/sh
here="$(dirname "$0")"
echo "$*" >> "$here/calls"
for last; do :; done
case "$1 $2" in
  "buildx version") exit 1 ;;
  "build "*) ls -A "$last" | sort > "$here/context"; echo "$last" > "$here/place"; [ ! -e "$here/slow" ] || { sleep 20 & echo $! > "$here/child"; echo >> "$here/ready"; wait; }; [ ! -e "$here/broken" ] || { cat "$here/broken" >&2; exit 1; } ;;
  "image inspect") echo '[{"Id":"sha256:aa","Size":3000000,"Architecture":"amd64","Os":"linux","Config":{},"RootFS":{"Layers":["a","b"]}},{"Id":"sha256:bb","Size":1,"Architecture":"amd64","Os":"linux","Config":{},"RootFS":{"Layers":["a"]}}]' ;;
  "load "*) cat > /dev/null ;;
  "push "*) echo "1.0: digest: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef size: 1" ;;
esac
`;

async function withDocker(
  use: (dir: string, env: { readonly [name: string]: string }) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/docker`, FAKE_DOCKER, { mode: 0o755 });
    await use(dir, { PATH: dir, PD_DATA_DIR: `${dir}/data` });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("pd build hands Docker an archive and a Dockerfile, pushes, and leaves no context", async () => {
  await withDocker(async (dir, env) => {
    const io = fakeIo({ env });
    const args = ["build", EXAMPLE, "-r", "https://registry.example/team/", "--push"];
    assert.equal(await runCli(args, io), 0, io.written.stderr);
    assert.match(io.written.stdout, /^built registry\.example\/team\/hn-digest:1\.0\n/);
    assert.match(io.written.stdout, /digest {2}sha256:0123/);
    assert.match(io.written.stdout, /fetch-stories: net hacker-news\.firebaseio\.com/);
    const context = await Deno.readTextFile(`${dir}/context`);
    assert.deepEqual(context.trim().split("\n"), [".dockerignore", "Dockerfile", "app.tar"]);
    const place = (await Deno.readTextFile(`${dir}/place`)).trim();
    await assert.rejects(Deno.stat(place), Deno.errors.NotFound);
    assert.match(await Deno.readTextFile(`${dir}/calls`), /^push registry\.example\/team\//m);

    const again = fakeIo({ env });
    assert.equal(await runCli(["build", EXAMPLE], again), 0);
    assert.match(again.written.stdout, /no right changed since the last build\n$/);

    const other = `${dir}/other`;
    await new Deno.Command("cp", { args: ["-r", EXAMPLE, other] }).output();
    const spec = await Deno.readTextFile(`${other}/workflow.yaml`);
    await Deno.writeTextFile(
      `${other}/workflow.yaml`,
      spec.replace("net: [hacker-news.firebaseio.com]", "net: [example.com]"),
    );
    const changed = fakeIo({ env });
    assert.equal(await runCli(["build", other], changed), 0, changed.written.stderr);
    assert.match(
      changed.written.stdout,
      /changed since the last build\n {2}- fetch-stories: net hacker-news\.firebaseio\.com\n {2}\+ fetch-stories: net example\.com\n$/,
    );
  });
});

Deno.test("pd build says what Docker refused, with a fix, and leaves no context", async () => {
  await withDocker(async (dir, env) => {
    await Deno.writeTextFile(`${dir}/broken`, "pull access denied\n");
    const io = fakeIo({ env });
    assert.equal(await runCli(["build", EXAMPLE], io), 1);
    assert.match(io.written.stderr, /IMAGE_FAILED .*docker refuses: pull access denied/);
    assert.match(io.written.stderr, /fix: docker login/);
    const place = (await Deno.readTextFile(`${dir}/place`)).trim();
    await assert.rejects(Deno.stat(place), Deno.errors.NotFound);
  });
});

Deno.test("pd build that is interrupted stops the builder, and leaves no context and no record", async () => {
  await withDocker(async (dir, env) => {
    await Deno.writeTextFile(`${dir}/slow`, "");
    const io = fakeIo({ env: { ...env, PATH: `${dir}:/usr/bin:/bin` } });
    const watcher = Deno.watchFs(dir);
    const done = runCli(["build", EXAMPLE], io);
    for await (const { paths } of watcher) {
      if (paths.some((path) => path.endsWith("/ready"))) break;
    }
    const begun = performance.now();
    io.controller.abort(new DOMException("Ctrl-C", "AbortError"));
    assert.equal(await done, 130);
    // What the builder has started may outlive it, and holds its stdout.
    assert.ok(performance.now() - begun < 5_000);
    Deno.kill(Number(await Deno.readTextFile(`${dir}/child`)), "SIGKILL");
    const place = (await Deno.readTextFile(`${dir}/place`)).trim();
    await assert.rejects(Deno.stat(place), Deno.errors.NotFound);
    await assert.rejects(Deno.stat(`${dir}/data/builds`), Deno.errors.NotFound);
  });
});

Deno.test("pd build says in one line that no daemon answers", async () => {
  await withDocker(async (dir, env) => {
    const said = [
      "DEPRECATED: The legacy builder is deprecated",
      "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is it running?",
      'msg="Can\'t close tar writer: io: read/write on closed pipe"',
      "",
    ];
    await Deno.writeTextFile(`${dir}/broken`, said.join("\n"));
    const io = fakeIo({ env });
    assert.equal(await runCli(["build", EXAMPLE], io), 1);
    assert.match(
      io.written.stderr,
      /docker refuses: Cannot connect to the Docker daemon at [^\n]*\nfix: systemctl start docker/,
    );
  });
});

Deno.test("pd build without a builder says what to install", async () => {
  const io = fakeIo({ env: { PATH: "/nowhere" } });
  assert.equal(await runCli(["build", EXAMPLE], io), 1);
  assert.match(io.written.stderr, /TOOL_MISSING .*docker, podman, buildah/);
  assert.match(io.written.stderr, /--engine podman/);
});

Deno.test("pd build --dockerfile needs no builder, and prints the entry point", async () => {
  const io = fakeIo({ env: { PATH: "/nowhere" } });
  assert.equal(await runCli(["build", EXAMPLE, "--dockerfile"], io), 0);
  assert.match(io.written.stdout, /^FROM docker\.io\/denoland\/deno:distroless-/m);
  assert.match(io.written.stdout, /^ENTRYPOINT \["\/bin\/deno","run",/m);
});
