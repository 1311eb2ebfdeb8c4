// Embedded Swift sees no command line, so the entry point is C.
#include <stdint.h>

int32_t spindrift_daemon_main(int32_t count, char **arguments);

int main(int count, char **arguments) { return spindrift_daemon_main(count, arguments); }
