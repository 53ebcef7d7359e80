"""Checks which symbols a file defines for others to link with."""
import argparse
import subprocess
import sys

# Put into every shared library by the linker or the compiler's runtime.
TOOLCHAIN = ("__asan_", "__ubsan_", "__tsan_", "__odr_asan", "_init", "_fini", "__bss_start", "_edata", "_end", "___asan")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nm", required=True)
    parser.add_argument("--file", required=True)
    parser.add_argument("--only", help="the one symbol that may be there, and must")
    parser.add_argument("--none", help="no symbol may contain this")
    args = parser.parse_args()
    listing = subprocess.run([args.nm, "-D", "--defined-only", args.file], check=True, capture_output=True, text=True)
    symbols = [line.split()[-1].split("@")[0] for line in listing.stdout.splitlines()]
    symbols = [symbol for symbol in symbols if not symbol.startswith(TOOLCHAIN)]
    if args.only is not None and symbols != [args.only]:
        sys.exit(f"{args.file} exports {symbols}, but should export {args.only} only")
    wrong = [symbol for symbol in symbols if args.none is not None and args.none in symbol]
    if wrong:
        sys.exit(f"{args.file} exports {wrong[:5]}; is it linked with -rdynamic?")


if __name__ == "__main__":
    main()
