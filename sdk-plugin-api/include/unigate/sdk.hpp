// The whole C++ SDK of unigate adapters; see docs in each header. An adapter includes this alone.
#pragma once

#include <unigate/error.hpp>
#include <unigate/form.hpp>
#include <unigate/http.hpp>
#include <unigate/input.hpp>
#include <unigate/json.hpp>
#include <unigate/money.hpp>
#include <unigate/operation.hpp>
#include <unigate/plugin.hpp>
#include <unigate/time.hpp>
#include <unigate/unified.hpp>
#include <unigate/unified_commerce.hpp>
#include <unigate/unified_commerce_input.hpp>
#include <unigate/unified_input.hpp>
#include <unigate/unified_messaging.hpp>
#include <unigate/unified_messaging_input.hpp>
#include <unigate/unified_payouts.hpp>
#include <unigate/unified_payouts_input.hpp>
#include <unigate/webhook.hpp>
