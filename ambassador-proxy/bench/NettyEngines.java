import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;

import java.net.InetAddress;

/**
 * The same relay as {@code Engines}, on Netty's transports. Needs Netty's jars on the class path.
 *
 * <p>Arguments: {@code epoll} or {@code io_uring}, port to listen on, port to relay to, both on
 * localhost, and how many event loops.
 */
public class NettyEngines {

    public static void main(String[] args) throws InterruptedException {
        boolean ring = args[0].equals("io_uring");
        IoHandlerFactory handler =
                ring ? IoUringIoHandler.newFactory() : EpollIoHandler.newFactory();
        Class<? extends ServerChannel> server =
                ring ? IoUringServerSocketChannel.class : EpollServerSocketChannel.class;
        Class<? extends Channel> client =
                ring ? IoUringSocketChannel.class : EpollSocketChannel.class;
        int upstream = Integer.parseInt(args[2]);
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(Integer.parseInt(args[3]), handler);
        new ServerBootstrap()
                .group(loops)
                .channel(server)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel near) {
                                connect(near, client, upstream);
                            }
                        })
                .bind(InetAddress.getLoopbackAddress(), Integer.parseInt(args[1]))
                .sync()
                .channel()
                .closeFuture()
                .sync();
    }

    private static void connect(Channel near, Class<? extends Channel> type, int upstream) {
        new Bootstrap()
                .group(near.eventLoop())
                .channel(type)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new To(near))
                .connect(InetAddress.getLoopbackAddress(), upstream)
                .addListener(
                        (io.netty.channel.ChannelFuture connected) -> {
                            if (!connected.isSuccess()) {
                                near.close();
                                return;
                            }
                            near.pipeline().addLast(new To(connected.channel()));
                            near.config().setAutoRead(true);
                            connected.channel().config().setAutoRead(true);
                        });
    }

    /**
     * What is read goes to the other side; what that would not take at once holds up the reading.
     */
    private static final class To extends ChannelInboundHandlerAdapter {

        private final Channel other;

        To(Channel other) {
            this.other = other;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            other.write(bytes);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            other.flush();
            context.channel().config().setAutoRead(other.isWritable());
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            other.config().setAutoRead(context.channel().isWritable());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            other.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable broken) {
            context.close();
        }
    }
}
