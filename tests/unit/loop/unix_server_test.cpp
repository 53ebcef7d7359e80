#include "loop/unix_server.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "loop/unix_address.hpp"
#include "loop/unix_client.hpp"
#include "support/guarded_loop.hpp"
#include "support/temp_dir.hpp"

namespace actord::host {
namespace {

constexpr uint64_t kLineMax = 1'000;
constexpr uint64_t kQueueMax = 100'000;
constexpr uint64_t kPatienceMs = 20'000;

// A bound socket file nobody listens on: what a killed daemon leaves behind.
void leave_stale_socket(const std::string& path) {
  const auto address = unix_address(path);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)), 0);
  ::close(fd);
}

// Connections echo their lines; "bye" finishes.
class UnixServerTest : public testing::Test {
 protected:
  UnixServer::Options options() { return {path_, 0660, kLineMax, kQueueMax}; }

  void listen() {
    auto listening =
        UnixServer::listen(*loop_, options(), [this](std::unique_ptr<UnixConnection> accepted) {
          connection_ = std::move(accepted);
          peer_ = connection_->peer();
          connection_->start(events());
        });
    ASSERT_TRUE(listening) << listening.error().text;
    server_ = std::move(listening).value();
  }

  UnixConnection::Events events() {
    return {[this](LineReader::Line line) {
              seen_.push_back(line.oversize ? "<oversize>" : line.text);
              if (line.text == "bye") return connection_->finish();
              connection_->write_line("echo " + seen_.back());
            },
            [this] {
              seen_.push_back("<ended>");
              connection_->write_line("goodbye");
              connection_->finish();
            },
            [this] {
              seen_.push_back("<closed>");
              connection_.reset();
              loop_.stop();
            }};
  }

  uint64_t deadline() { return clock_.now_ms() + kPatienceMs; }

  // Runs the peer's side on a thread of its own until the connection is closed.
  void talk(const std::function<void(UnixClient&)>& peer) {
    const std::jthread thread([&] {
      auto client = UnixClient::connect(path_, kLineMax * 10, clock_, deadline());
      ASSERT_TRUE(client) << client.error().text;
      peer(*client);
    });
    loop_.run();
  }

  TempDir dir_;
  const std::string path_ = dir_.file("admin.sock");
  SystemClock clock_;
  GuardedLoop loop_;
  std::unique_ptr<UnixServer> server_;
  std::unique_ptr<UnixConnection> connection_;
  PeerCredentials peer_;
  std::vector<std::string> seen_;
};

using Lines = std::vector<std::string>;

TEST_F(UnixServerTest, SpeaksLinesBothWays) {
  listen();
  talk([&](UnixClient& client) {
    ASSERT_TRUE(client.write_line("one\ntwo", deadline()));
    EXPECT_EQ(*client.read_line(deadline()), "echo one");
    EXPECT_EQ(*client.read_line(deadline()), "echo two");
    ASSERT_TRUE(client.write_line("bye", deadline()));
    const auto end = client.read_line(deadline());
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().code, ACTORD_E_CLOSED);
  });
  EXPECT_EQ(seen_, (Lines{"one", "two", "bye", "<closed>"}));
}

TEST_F(UnixServerTest, KnowsItsPeer) {
  listen();
  talk([&](UnixClient& client) { ASSERT_TRUE(client.write_line("bye", deadline())); });
  EXPECT_EQ(peer_.pid, ::getpid());
  EXPECT_EQ(peer_.uid, ::getuid());
  EXPECT_EQ(peer_.gid, ::getgid());
}

TEST_F(UnixServerTest, APeerThatOnlyStoppedSendingStillReads) {
  listen();
  const std::jthread peer([&] {
    const auto address = unix_address(path_);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)), 0);
    EXPECT_EQ(::write(fd, "last", 4), 4);  // no newline
    ::shutdown(fd, SHUT_WR);
    std::string answer;
    char c = 0;
    while (::read(fd, &c, 1) == 1) answer += c;
    EXPECT_EQ(answer, "echo last\ngoodbye\n");
    ::close(fd);
  });
  loop_.run();
  EXPECT_EQ(seen_, (Lines{"last", "<ended>", "<closed>"}));
}

TEST_F(UnixServerTest, ALineOverTheLimitIsReportedAndTheNextOneRead) {
  listen();
  talk([&](UnixClient& client) {
    ASSERT_TRUE(client.write_line(std::string(5 * kLineMax, 'x'), deadline()));
    EXPECT_EQ(*client.read_line(deadline()), "echo <oversize>");
    ASSERT_TRUE(client.write_line(std::string(kLineMax, 'y'), deadline()));
    EXPECT_EQ(client.read_line(deadline())->size(), kLineMax + 5);
    ASSERT_TRUE(client.write_line("bye", deadline()));
    (void)client.read_line(deadline());
  });
}

TEST_F(UnixServerTest, GivesUpAPeerThatDoesNotRead) {
  listen();
  talk([&](UnixClient& client) {
    const std::string line(kLineMax, 'x');
    while (client.write_line(line, deadline())) {}
  });
  EXPECT_EQ(seen_.back(), "<closed>");
}

TEST_F(UnixServerTest, AConnectionMayBeDestroyedInItsOwnEvent) {
  auto listening =
      UnixServer::listen(*loop_, options(), [this](std::unique_ptr<UnixConnection> accepted) {
        connection_ = std::move(accepted);
        connection_->start({[this](LineReader::Line line) {
                              seen_.push_back(line.text);
                              connection_->write_line(std::string(kLineMax, 'x'));
                              connection_.reset();
                              loop_.stop();
                            },
                            [] { ADD_FAILURE(); }, [] { ADD_FAILURE(); }});
      });
  ASSERT_TRUE(listening);
  talk([&](UnixClient& client) { ASSERT_TRUE(client.write_line("one\ntwo", deadline())); });
  EXPECT_EQ(seen_, Lines{"one"});
}

TEST_F(UnixServerTest, TheSocketIsForOwnerAndGroupAndGoesWithTheServer) {
  listen();
  struct stat info {};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0660u);
  server_.reset();
  loop_.stop();
  loop_.run();
  EXPECT_NE(::stat(path_.c_str(), &info), 0);
}

TEST_F(UnixServerTest, MakesTheDirectoryOfTheSocket) {
  auto listening = UnixServer::listen(
      *loop_, {dir_.file("run/admin.sock"), 0660, kLineMax, kQueueMax}, [](auto) {});
  EXPECT_TRUE(listening);
}

TEST_F(UnixServerTest, ReplacesTheSocketOfADeadDaemon) {
  leave_stale_socket(path_);
  listen();
  talk([&](UnixClient& client) { ASSERT_TRUE(client.write_line("bye", deadline())); });
}

TEST_F(UnixServerTest, LeavesTheSocketOfALiveDaemonAlone) {
  listen();
  const auto second = UnixServer::listen(*loop_, options(), [](auto) {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ACTORD_E_EXISTS);
  EXPECT_NE(second.error().text.find("actorctl --socket " + path_ + " status"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(UnixServerTest, LeavesAFileThatIsNoSocketAlone) {
  std::ofstream(path_) << "precious";
  const auto refused = UnixServer::listen(*loop_, options(), [](auto) {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ACTORD_E_EXISTS);
  EXPECT_TRUE(std::filesystem::is_regular_file(path_));
}

TEST_F(UnixServerTest, RefusesAPathTheKernelWouldCut) {
  const std::string path = dir_.file(std::string(120, 'x'));
  const auto refused = UnixServer::listen(*loop_, {path, 0660, kLineMax, kQueueMax}, [](auto) {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ACTORD_E_INVALID);
  EXPECT_FALSE(UnixClient::connect(path, kLineMax, clock_, deadline()));
}

TEST_F(UnixServerTest, TheClientSaysWhyItCannotConnect) {
  EXPECT_EQ(UnixClient::connect(path_, kLineMax, clock_, deadline()).error().code,
            ACTORD_E_NOT_FOUND);
  leave_stale_socket(path_);
  EXPECT_EQ(UnixClient::connect(path_, kLineMax, clock_, deadline()).error().code, ACTORD_E_CLOSED);
}

TEST_F(UnixServerTest, TheClientGivesUpAtItsDeadline) {
  listen();  // but the loop does not run, so nobody answers
  auto client = UnixClient::connect(path_, kLineMax, clock_, deadline());
  ASSERT_TRUE(client);
  ASSERT_TRUE(client->write_line("hello", deadline()));
  const auto late = client->read_line(clock_.now_ms() + 5);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ACTORD_E_TIMEOUT);
}

}  // namespace
}  // namespace actord::host
