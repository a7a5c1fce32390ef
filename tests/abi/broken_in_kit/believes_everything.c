/* Takes every answer, whatever its status, for success. */
#include "../broken/base.h"
