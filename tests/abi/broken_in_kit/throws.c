/* A C++ exception leaves the plugin, which carries a C++ runtime of its own. In the gateway that
 * could end the process, so only the kit, which runs each test in a child, meets it. */
void throwSomething(void);
#define SHELF_ON_RESUME(call, step) \
  throwSomething();                 \
  (void)(call);                     \
  return stepDone(step, "{\"provider_id\":\"ch_1\",\"amount\":100}")
#include "../broken/base.h"
