// The little that tests use of Node; the page itself has none of it.
declare module "node:fs" {
  export function readFileSync(path: string, encoding: "utf8"): string;
}
