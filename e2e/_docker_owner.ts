/**
 * An engine that is to be killed: with a volume, a task that runs and a sandbox that runs a command. It says
 * `ready` when they are there, and waits for its end.
 */
import { openDocker, runIn, startBox } from "./_docker_driver.ts";

if (import.meta.main) {
  const driver = await openDocker({ address: Deno.args[0] ?? "docker" });
  const volume = await driver.createVolume({ runId: "run", name: "workdir" });
  const mounts = [{ volume, path: "/workspace", readOnly: false }];
  const box = await startBox(driver, { mounts });
  const starts = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const sleep = ["sleep", "1000"];
  const ends = [
    runIn(driver, sleep, { mounts, io: { onStart: () => starts[0].resolve() } }),
    box.exec(sleep, { io: { onStart: () => starts[1].resolve() } }),
  ];
  await Promise.all(starts.map(({ promise }) => promise));
  await Deno.stdout.write(new TextEncoder().encode("ready\n"));
  await Promise.all(ends);
}
