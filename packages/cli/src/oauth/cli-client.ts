/** The public client that the command line signs in as, where it is told of no other. */
export const CLI_CLIENT_ID = "zenode-cli";
