/** `privateNetworks` where the servers of a test run on this machine. */
export const LOOPBACK = ['127.0.0.0/8', '::1/128'];
