// ControlHost: a control server with a FakeAdmin, on a loop thread of its own.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "control/server.hpp"
#include "loop/loop.hpp"
#include "support/fake_admin.hpp"
#include "support/temp_dir.hpp"

namespace actord::host {

class ControlHost {
 public:
  explicit ControlHost(uint64_t frame_ms = limits::kControlFrameMs) {
    auto listening = ControlServer::listen(loop_, socket(), admin, frame_ms);
    EXPECT_TRUE(listening) << listening.error().text;
    server_ = std::move(listening).value();
    thread_ = std::thread([this] { loop_.run(); });
  }

  ~ControlHost() {
    on_loop([this] { server_.reset(); });
    loop_.stop();
    thread_.join();
  }

  std::string socket() const { return dir_.file("admin.sock"); }
  const TempDir& dir() const { return dir_; }

  // Runs function on the loop thread and waits for it.
  void on_loop(const std::function<void()>& function) {
    std::promise<void> done;
    loop_.post([&] {
      function();
      done.set_value();
    });
    done.get_future().wait();
  }

  // What the test did so far happens before what the host does next, and the other way round. (A
  // socket orders them too, but not for gmock's unlocked parts or the thread sanitizer.)
  void sync() {
    on_loop([] {});
  }

  size_t sessions() {
    size_t count = 0;
    on_loop([&] { count = server_->sessions(); });
    return count;
  }

  // Returns when the server says that it is shut.
  void shutdown() {
    std::promise<void> done;
    loop_.post([&] { server_->shutdown([&done] { done.set_value(); }); });
    done.get_future().wait();
  }

  testing::NiceMock<FakeAdmin> admin;

 private:
  TempDir dir_;
  Loop loop_;
  std::unique_ptr<ControlServer> server_;
  std::thread thread_;
};

}  // namespace actord::host
