#include "drift_platform.h"
