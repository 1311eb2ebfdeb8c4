// Being asked to stop: SIGTERM and SIGINT raise a flag and wake up whoever polls.
#ifndef DRIFT_SIGNAL_FLAG_H
#define DRIFT_SIGNAL_FLAG_H

#include <stdint.h>

/// From here on SIGTERM and SIGINT raise the flag instead of ending the process, and writing to a closed pipe or socket, or past the
/// limit of a file's size, is an error instead of a signal. A second SIGINT ends the process at once. Returns 0 or an errno value.
int32_t drift_signal_flag_install(void);

/// Whether the flag is up.
int32_t drift_signal_flag_raised(void);

/// A descriptor that becomes readable when the flag is raised, and stays so; -1 before drift_signal_flag_install.
int32_t drift_signal_flag_descriptor(void);

#endif
