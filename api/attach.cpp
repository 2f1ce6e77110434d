#include "api/attach.hpp"

#include "api/server.hpp"

namespace tocsin::api {

namespace {

server_options options_of(const app::admin_parts& parts) {
  server_options made;
  made.settings = parts.settings;
  made.instance = parts.instance;
  made.build = parts.build;
  made.metrics = {&parts.metrics};
  return made;
}

class attached_server final : public app::admin_listener {
public:
  explicit attached_server(const app::admin_parts& parts) : server_(options_of(parts), parts.relay) {}

  std::optional<std::string> start() override {
    try {
      server_.start();
    } catch (const listen_error& error) {
      return error.what();
    }
    return std::nullopt;
  }

  void stop() noexcept override { server_.stop(); }

private:
  server server_;
};

} // namespace

std::unique_ptr<app::admin_listener> attach(app::admin_parts parts) { return std::make_unique<attached_server>(parts); }

} // namespace tocsin::api
