import { deepEqual as equal } from "node:assert/strict";
import { exists } from "../../../base/exists.ts";
import {
  FINDMNT,
  FINDMNT_OPTIONS,
  judgeFolder,
  judgeMount,
  parseMount,
} from "../../../base/locks/file_system.ts";

/** Lines as /proc/self/mountinfo has them, and what is thought of their flock. */
const LINES: readonly [line: string, path: string, acrossHosts: boolean, why: string][] = [
  [
    "26 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro",
    "/",
    true,
    "/ is ext4, of this host alone",
  ],
  [
    "31 26 0:27 /@home /home rw,relatime - btrfs /dev/nvme0n1p2 rw,ssd,subvolid=257,subvol=/@home",
    "/home",
    true,
    "/home is btrfs, of this host alone",
  ],
  [
    "812 780 0:61 / / rw,relatime - overlay overlay rw,lowerdir=/a:/b,upperdir=/c,workdir=/d",
    "/",
    true,
    "/ is overlay, of this host alone",
  ],
  [
    "40 26 0:50 / /home rw,relatime shared:5 - nfs4 srv:/export/home rw,vers=4.2,rsize=1048576,hard,proto=tcp,sec=sys,clientaddr=10.0.0.2,local_lock=none,addr=10.0.0.1",
    "/home",
    true,
    "/home is nfs4",
  ],
  [
    "40 26 0:50 / /home rw,relatime shared:5 - nfs4 srv:/home rw,vers=4.1,local_lock=flock,addr=10.0.0.1",
    "/home",
    false,
    "/home is nfs4 with local_lock=flock",
  ],
  [
    "41 26 0:51 / /scratch rw,noatime - nfs filer:/vol/scratch rw,vers=3,hard,nolock,proto=tcp,mountproto=tcp,local_lock=all,addr=10.0.0.9",
    "/scratch",
    false,
    "/scratch is nfs with nolock",
  ],
  [
    "41 26 0:51 / /scratch rw,noatime - nfs filer:/vol rw,vers=3,local_lock=posix,addr=10.0.0.9",
    "/scratch",
    true,
    "/scratch is nfs",
  ],
  [
    "41 26 0:51 / /scratch rw,noatime - nfs filer:/vol rw,vers=3,local_lock=none,addr=10.0.0.9",
    "/scratch",
    true,
    "/scratch is nfs",
  ],
  [
    "44 26 0:52 / /lustre rw,noatime - lustre 10.1.0.1@o2ib:10.1.0.2@o2ib:/fs1 rw,flock,lazystatfs,encrypt",
    "/lustre",
    true,
    "/lustre is lustre with flock",
  ],
  [
    "44 26 0:52 / /lustre rw - lustre mgs@tcp:/fs1 rw,checksum,localflock,lazystatfs",
    "/lustre",
    false,
    "/lustre is lustre with localflock",
  ],
  [
    "44 26 0:52 / /lustre rw - lustre mgs@tcp:/fs1 rw,checksum,noflock,lazystatfs",
    "/lustre",
    false,
    "/lustre is lustre without flock",
  ],
  ["45 26 0:53 / /gpfs/fs0 rw,relatime - gpfs fs0 rw", "/gpfs/fs0", true, "/gpfs/fs0 is gpfs"],
  [
    "46 26 0:54 / /ceph rw,relatime - ceph 10.0.0.3:6789,10.0.0.4:6789:/ rw,name=admin,secret=<hidden>,acl",
    "/ceph",
    true,
    "/ceph is ceph",
  ],
  [
    "47 26 0:55 / /mnt/bee rw,relatime - beegfs beegfs_nodev rw,cfgFile=/etc/beegfs/beegfs-client.conf",
    "/mnt/bee",
    false,
    "/mnt/bee is beegfs, whose locks may hold on one host alone",
  ],
  [
    "48 26 0:56 / /mnt/share rw,relatime - cifs //nas/share rw,vers=3.1.1,cache=strict,username=u,uid=1000",
    "/mnt/share",
    false,
    "/mnt/share is cifs, whose locks may hold on one host alone",
  ],
  [
    "49 26 0:57 / /mnt/far rw,nosuid,nodev,relatime - fuse.sshfs u@host:/data rw,user_id=1000,group_id=1000",
    "/mnt/far",
    false,
    "/mnt/far is fuse.sshfs, whose locks may hold on one host alone",
  ],
  [
    "50 26 0:58 / /mnt/c rw,noatime - 9p C:\\134 rw,dirsync,aname=drvfs;path=C:\\;uid=1000,trans=fd,rfd=4,wfd=4",
    "/mnt/c",
    false,
    "/mnt/c is 9p, whose locks may hold on one host alone",
  ],
  [
    "51 26 0:59 / /work rw,relatime - virtiofs share rw",
    "/work",
    false,
    "/work is virtiofs, whose locks may hold on one host alone",
  ],
  [
    "52 26 8:17 / /media/usb rw - fuseblk /dev/sdb1 rw,user_id=0,group_id=0,blksize=4096",
    "/media/usb",
    true,
    "/media/usb is fuseblk, of this host alone",
  ],
  [
    "53 26 0:60 / /afs rw,relatime - afs AFS rw",
    "/afs",
    false,
    "/afs is afs, whose locks may hold on one host alone",
  ],
  [
    "54 26 253:9 / /gfs rw,relatime - gfs2 /dev/mapper/gfs rw,localflocks",
    "/gfs",
    false,
    "/gfs is gfs2 with localflocks",
  ],
  ["54 26 253:9 / /gfs rw,relatime - gfs2 /dev/mapper/gfs rw", "/gfs", true, "/gfs is gfs2"],
  [
    "55 26 8:33 / /new rw,relatime - newfs /dev/sdc1 rw",
    "/new",
    true,
    "/new is newfs on /dev/sdc1",
  ],
  [
    "56 26 0:70 / /mnt/two\\040words rw,relatime - nfs4 srv:/a\\040b rw,vers=4.2,local_lock=all",
    "/mnt/two words",
    false,
    "/mnt/two words is nfs4 with local_lock=all",
  ],
];

const ROOT = "1 0 254:0 / / rw,relatime - ext4 /dev/vda rw";
const missing = Deno.build.os !== "linux" || !exists(FINDMNT);

for (const [line, path, acrossHosts, why] of LINES) {
  const [, type, source, ...options] = / - (\S+) (\S+) (.*)$/.exec(line)!;
  const name = `flock on ${type} (${source}) ${
    acrossHosts ? "holds" : "may not hold"
  } across hosts`;
  Deno.test({
    name: `${name}, as ${options.join(" ").slice(0, 40)}${
      missing ? " (left out: no findmnt)" : ""
    }`,
    ignore: missing,
    async fn() {
      const file = await Deno.makeTempFile();
      try {
        await Deno.writeTextFile(
          file,
          line.includes(" / / rw") ? line + "\n" : `${ROOT}\n${line}\n`,
        );
        const { stdout } = await new Deno.Command(FINDMNT, {
          args: [...FINDMNT_OPTIONS, "--tab-file", file, "--target", path],
        }).output();
        const mount = parseMount(new TextDecoder().decode(stdout));
        equal(mount && judgeMount(mount), { acrossHosts, why });
      } finally {
        await Deno.remove(file);
      }
    },
  });
}

Deno.test("the folder for temporary files is judged", async () => {
  const folder = await Deno.makeTempDir();
  const { why } = judgeFolder(folder);
  equal(why.length > 0, true);
  await Deno.remove(folder);
});
