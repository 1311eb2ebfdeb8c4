// Everything of the module.
#include "drift_crc32c.h"
#include "drift_float.h"
#include "drift_format.h"
#include "drift_offsets.h"
#include "drift_weights.h"
