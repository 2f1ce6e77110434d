// The admin server as the relay's composition root takes it (service/app/admin_listener.hpp).
#pragma once

#include "app/admin_listener.hpp"

namespace tocsin::api {

[[nodiscard]] std::unique_ptr<app::admin_listener> attach(app::admin_parts);

} // namespace tocsin::api
