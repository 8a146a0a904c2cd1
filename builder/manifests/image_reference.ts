import { CodedError } from "../../engine/errors/mod.ts";

/** Domain, path, tag and digest, as the distribution specification has them. */
const REFERENCE =
  /^(?:[a-zA-Z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * The image as the cluster is told to pull it: by digest where that is known, as a tag may come to mean
 * something else, and a node that has the old one would keep it.
 *
 * @throws {CodedError} `MANIFEST_INVALID` for what is no reference
 */
export function imageReference(image: string, digest: string | undefined): string {
  if (!REFERENCE.test(image)) throw invalid(image, "an image is [registry/]name[:tag][@digest]");
  if (digest === undefined || image.includes("@")) return image;
  if (!DIGEST.test(digest)) throw invalid(digest, "a digest is sha256: and 64 digits");
  return `${image}@${digest}`;
}

function invalid(text: string, rule: string): CodedError {
  return new CodedError("MANIFEST_INVALID", `Cannot deploy "${text}" as ${rule}: it is none`, {
    fix: "pd deploy --image registry.example.com/name:1.0",
  });
}
