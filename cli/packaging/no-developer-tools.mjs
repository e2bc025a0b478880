// Stands in for react-devtools-core, which ink would load to connect to a port of this computer.
export default undefined;
