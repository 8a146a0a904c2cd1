import { systemClock } from "../engine/clock/mod.ts";
import {
  DRIVER_CONFORMANCE,
  type DriverFixture,
  runCase,
} from "../engine/drivers/conformance/mod.ts";
import { type Driver, parseDriverAddress } from "../engine/drivers/mod.ts";
import { open as openNative } from "../engine/drivers/native/mod.ts";
import { findMarked } from "../engine/drivers/native/processes.ts";
import { currentOwner } from "../engine/storage/mod.ts";

const HOST_VARIABLE = "PD_NATIVE_DRIVER_TEST";
Deno.env.set(HOST_VARIABLE, "of the host");

const declared = await declaredBy();

for (const one of DRIVER_CONFORMANCE) {
  const ignore = one.needs !== undefined && !declared[one.needs];
  Deno.test({
    name: `native driver ${one.does}`,
    ignore,
    async fn() {
      const dataDir = await Deno.makeTempDir();
      // Somebody else may be let in, where a case asks for a user.
      await Deno.chmod(dataDir, 0o755);
      try {
        await using driver = await open(dataDir);
        await runCase(one, fixtureOf(driver, dataDir));
      } finally {
        await Deno.remove(dataDir, { recursive: true });
      }
    },
  });
}

function fixtureOf(driver: Driver, dataDir: string): DriverFixture {
  return {
    driver,
    image: undefined,
    hostVariable: HOST_VARIABLE,
    bigBytes: 2 ** 30,
    manyFiles: 100_000,
    open: ({ owner, isOwnerAlive }) => open(dataDir, { owner, isOwnerAlive }),
    leftovers: (runId) => leftoversOf(dataDir, runId),
  };
}

async function leftoversOf(dataDir: string, runId: string): Promise<readonly string[]> {
  const left: string[] = [];
  const volumes = `${dataDir}/volumes`;
  for (const instance of await namesIn(volumes)) {
    if ((await namesIn(`${volumes}/${instance}`)).includes(runId)) left.push(`folder ${runId}`);
    left.push(...findMarked(`${instance}/${runId}/`).map((pid) => `process ${pid}`));
  }
  return left;
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

type Alive = Parameters<DriverFixture["open"]>[0]["isOwnerAlive"];

async function open(
  dataDir: string,
  who: { readonly owner?: ReturnType<typeof currentOwner>; readonly isOwnerAlive?: Alive } = {},
): Promise<Driver> {
  return await openNative(parseDriverAddress("native"), {
    clock: systemClock,
    owner: who.owner ?? currentOwner(),
    // Owners of the suite have no process; they live unless a case says otherwise.
    isOwnerAlive: who.isOwnerAlive ?? (() => Promise.resolve(true)),
    env: (name) => Deno.env.get(name),
    cwd: Deno.cwd(),
    dataDir,
    onWarning: () => {},
  });
}

async function declaredBy(): Promise<Driver["capabilities"]> {
  await using driver = await open("/nonexistent");
  return driver.capabilities;
}
