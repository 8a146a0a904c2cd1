import assert from "node:assert/strict";
import { isSecretPlace, secretPlaces } from "./secret_places.ts";

Deno.test("every place of secrets is known as one, and so is what lies in it", () => {
  for (const place of secretPlaces("/srv/flow")) {
    assert.equal(isSecretPlace(place), true, place);
    assert.equal(isSecretPlace(`${place}/github.json`), true, place);
  }
  assert.deepEqual(
    ["/srv/flow/secrets.ts", "/srv/flow/.secretsauce", "/srv/myapp/secrets"].filter(isSecretPlace),
    [],
  );
});

Deno.test("secretPlaces() adds what secrets were loaded from, and names none twice", () => {
  const places = secretPlaces("/srv/flow", ["/run/own.yaml", "/app/secrets"]);
  assert.equal(places.includes("/run/own.yaml"), true);
  assert.equal(new Set(places).size, places.length);
});
