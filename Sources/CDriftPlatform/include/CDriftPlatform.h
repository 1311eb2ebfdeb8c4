// Everything of the module.
#include "drift_cpu.h"
#include "drift_file.h"
#include "drift_process.h"
#include "drift_team.h"
#include "number_text.h"
#include "output_file.h"
#include "signal_flag.h"
#include "unix_socket.h"
