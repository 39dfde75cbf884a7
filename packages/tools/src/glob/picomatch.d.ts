/** picomatch ships no types; this is the part that is used (picomatch 4, README, "Options"). */
declare module "picomatch" {
  interface Options {
    readonly basename?: boolean;
    readonly dot?: boolean;
    readonly noextglob?: boolean;
    readonly nonegate?: boolean;
    readonly windows?: boolean;
  }
  function picomatch(glob: string, options?: Options): (path: string) => boolean;
  export = picomatch;
}
