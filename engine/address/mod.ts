/** Addresses of the form `scheme://target?key=value`. */
export { type Address, parseAddress } from "./parse_address.ts";
